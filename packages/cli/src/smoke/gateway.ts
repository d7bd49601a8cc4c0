import { type Ask, type Step, same } from '@bulkhead/testing/story'

/** As /openapi.json has them: by path and method. */
type Paths = Record<string, Record<string, { 'x-callers'?: string[] }>>

const NOTHING = '/api/v1/nothing'
const INTERNAL = ['/metrics', '/readyz', '/livez']

/** What the gateway keeps out. */
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
    'lets only staff do what is for staff alone',
    async () => {
      for (const [method, path] of forStaffAlone(await pathsOf(ask))) {
        await ask(401, method, path)
        await ask(403, method, path, { as: 'customer' })
      }
    }
  ]
]

/** The API reference, as data and as a page. */
export const referenceSteps = (ask: Ask, services: string[]): Step[] => [
  [
    'describes the operations of every service',
    async () => {
      const paths = Object.keys(await pathsOf(ask))
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

const pathsOf = async (ask: Ask): Promise<Paths> => (await ask(200, 'GET', '/openapi.json')).body.paths

/** Method and path of each operation that nobody else may call. Its parameters are as they are: who may call comes before what with. */
const forStaffAlone = (paths: Paths): [string, string][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { 'x-callers': callers }]) => callers?.join() === 'staff')
      .map(([method]): [string, string] => [method.toUpperCase(), path])
  )
