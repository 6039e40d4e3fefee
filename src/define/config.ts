import type { Config } from '../model/config.ts'

/** The project: what `lakitu.config.ts` exports as default. */
export function defineConfig(config: Config): Config {
  return config
}
