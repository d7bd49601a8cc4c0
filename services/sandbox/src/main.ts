import { runService } from '@bulkhead/chassis/service'
import { sandbox } from './service.ts'

await runService(sandbox, process.env)
