import { type Ask, same } from './ask.ts'
import type { Step } from './run.ts'

const STAFF_ONLY = '/api/v1/catalog/products'

/** What the gateway keeps out. */
export const gatewaySteps = (ask: Ask): Step[] => [
  [
    'answers',
    async () => {
      const { contentType } = await ask(404, 'GET', '/api/v1/nothing')
      same('the type of an error', 'application/problem+json', contentType.split(';')[0])
    }
  ],
  [
    'exposes nothing internal',
    async () => {
      for (const path of ['/metrics', '/readyz', '/livez', '/api/v1/catalog/metrics', '/api/v1/catalog/readyz']) {
        await ask(404, 'GET', path)
      }
    }
  ],
  [
    'refuses a bad token',
    async () => {
      await ask(401, 'GET', STAFF_ONLY, { token: 'not.a.token' })
    }
  ],
  [
    'lets only staff change products',
    async () => {
      await ask(401, 'POST', STAFF_ONLY, { body: {} })
      await ask(403, 'POST', STAFF_ONLY, { as: 'customer', body: {} })
    }
  ]
]

/** The API reference, as data and as a page. */
export const referenceSteps = (ask: Ask, services: string[]): Step[] => [
  [
    'describes the operations of every service',
    async () => {
      const paths = Object.keys((await ask(200, 'GET', '/openapi.json')).body.paths)
      const described = services.filter(name => paths.some(path => path.startsWith(`/api/v1/${name}/`)))
      same('services in /openapi.json', services, described)
    }
  ],
  [
    'is shown as a page',
    async () => {
      const { contentType } = await ask(200, 'GET', '/')
      same('the type of the page', 'text/html', contentType.split(';')[0])
    }
  ]
]
