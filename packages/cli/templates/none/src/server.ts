import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { wordCountsApp } from './app.ts'
import { config } from './config.ts'

await runService({
  manifest,
  config,
  environment: process.env,
  build: async deps => ({ app: wordCountsApp(deps) })
})
