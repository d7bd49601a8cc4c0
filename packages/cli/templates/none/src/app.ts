import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { contract } from './contract.ts'
import { wordCountRoutes } from './routes/word-counts.ts'

/** The service's API. */
export const wordCountsApp = (deps: AppDeps) =>
  createApp({ ...deps, contract, storeProblem: error => error, routers: [wordCountRoutes()] })
