import { runService } from '@bulkhead/chassis/service'
import { identity } from './service.ts'

await runService(identity, process.env)
