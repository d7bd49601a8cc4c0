import { type Ask, type Step, same } from '@bulkhead/testing/story'

/** The operations of /openapi.json by path and method. */
type Paths = Record<string, Record<string, { 'x-callers'?: string[] }>>

const NOTHING = '/api/v1/nothing'
const INTERNAL = ['/metrics', '/readyz', '/livez']

/** Checks that the gateway refuses unknown paths, invalid tokens, and customers who call operations for staff. */
export const gatewaySteps = (ask: Ask, services: string[]): Step[] => [
  [
    'answers',
    async () => {
      const { contentType } = await ask(404, 'GET', NOTHING)
      same('the type of an error', 'application/problem+json', contentType.split(';')[0])
    }
  ],
  [
    'exposes nothing internal',
    async () => {
      for (const prefix of ['', ...services.map(name => `/api/v1/${name}`)])
        for (const path of INTERNAL) await ask(404, 'GET', prefix + path)
    }
  ],
  [
    'refuses a bad token',
    async () => {
      await ask(401, 'GET', NOTHING, { token: 'not.a.token' })
    }
  ],
  [
    'lets only staff call the operations for staff',
    async () => {
      for (const [method, path] of staffOnly(await readPaths(ask))) {
        await ask(401, method, path)
        await ask(403, method, path, { as: 'customer' })
      }
    }
  ]
]

/** Checks the API reference, as JSON and as a page. */
export const referenceSteps = (ask: Ask, services: string[]): Step[] => [
  [
    'describes the operations of every service',
    async () => {
      const paths = Object.keys(await readPaths(ask))
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

const readPaths = async (ask: Ask): Promise<Paths> => (await ask(200, 'GET', '/openapi.json')).body.paths

/** Returns the method and path of each operation for staff only. Keeps placeholders, because the gateway checks the caller first. */
const staffOnly = (paths: Paths): [string, string][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { 'x-callers': callers }]) => callers?.join() === 'staff')
      .map(([method]): [string, string] => [method.toUpperCase(), path])
  )
