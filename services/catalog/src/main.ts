import { runService } from '@bulkhead/chassis/service'
import { catalog } from './service.ts'

await runService(catalog, process.env)
