import { test } from 'vitest'

test.todo('killed while writing the cache, nothing half is ever restored: there is no blob cache yet')
