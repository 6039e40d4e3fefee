import { defineConfig } from 'lakitu'
import * as apply from './tasks/apply.ts'
import * as host from './tasks/host.ts'
import * as inventory from './tasks/inventory.ts'
import * as lint from './tasks/lint.ts'
import * as machines from './tasks/machines.ts'
import * as samples from './tasks/samples.ts'
import * as smoke from './tasks/smoke.ts'
import * as status from './tasks/status.ts'
import * as tools from './tasks/tools.ts'

export default defineConfig({
  tasks: [host, tools, machines, inventory, lint, apply, samples, smoke, status],
  default: apply.apply,
  watch: [apply.apply, samples.samples],
})
