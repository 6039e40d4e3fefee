import { defineConfig } from 'lakitu'
import * as apply from './tasks/apply.ts'
import * as host from './tasks/host.ts'
import * as inventory from './tasks/inventory.ts'
import * as machines from './tasks/machines.ts'
import * as smoke from './tasks/smoke.ts'
import * as tools from './tasks/tools.ts'

export default defineConfig({ tasks: [host, tools, machines, inventory, apply, smoke], default: apply.apply })
