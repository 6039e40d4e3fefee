import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Most tests wait for processes that they start: also a machine of two cores runs two files at a time.
const maxWorkers = Math.max(2, availableParallelism() - 1)

const common = { resolve: { conditions: ['lakitu-source'] }, ssr: { resolve: { conditions: ['lakitu-source'] } } }

export default defineConfig({
  test: {
    projects: [
      { ...common, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000, maxWorkers } },
      { ...common, test: { name: 'cli', include: ['test/cli/**/*.test.ts'], testTimeout: 60_000, maxWorkers } },
      {
        ...common,
        test: {
          name: 'demonstrations',
          include: ['test/demonstrations/**/*.test.ts'],
          testTimeout: 120_000,
          maxWorkers,
        },
      },
      {
        ...common,
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
})
