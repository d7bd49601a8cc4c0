import { type ApiOperation, type Components, type Contract, publicOperations } from '../routing/contracts.ts'
import { publicPath } from '../routing/route-table.ts'

const DESCRIPTION = `The operations of all services that run.

- **Tokens**: press Authorize and paste one. A stack on your machine has two to try, of a customer and of staff: \`make up\` prints
  their files. The description of each operation names its callers; its padlock does not.
- **Amounts** are whole numbers of minor units: 1250 EUR is 12.50 euros, 1250 JPY is 1250 yen.
- **Changes** send the \`ETag\` of the last read as \`If-Match\`. The answer is 412 if someone else was faster.
- **Errors** are problems (RFC 9457); \`errors\` names each wrong place by a JSON pointer.`

type Service = { service: string; contract: Contract }

/**
 * Merges the public operations of all services into one OpenAPI 3.1 document. The names of components and operations get the service's name
 * as a prefix; the security schemes are the same for all services. Services are sorted by name.
 */
export function mergedOpenApi(version: string, known: Service[]) {
  const services = known.toSorted((one, other) => one.service.localeCompare(other.service))
  const paths: Record<string, Record<string, object>> = {}
  const components: Components = {}
  for (const { service, contract } of services) {
    const { openapi } = contract.provides
    const rename = renamer(service, openapi.components)
    const operations = publicOperations(service, contract)
    for (const { method, path, callers, described, id } of operations) {
      const operation = {
        ...described,
        operationId: `${service}.${id}`,
        description: describeCallers(callers, described),
        'x-callers': callers,
        tags: [service]
      }
      const place = publicPath(service, path)
      paths[place] = { ...paths[place], [method]: rename(operation) as object }
    }
    for (const [kind, ofKind] of Object.entries(usedComponents(openapi.components, operations))) {
      const renamed = Object.entries(ofKind).map(([name, value]) => [nameOf(service, kind, name), rename(value)])
      components[kind] = { ...components[kind], ...Object.fromEntries(renamed) }
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Bulkhead', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'This gateway' }],
    tags: services.map(({ service, contract }) => ({
      name: service,
      description: contract.provides.openapi.info.summary ?? ''
    })),
    paths,
    components
  }
}

function describeCallers(callers: string[], { 'x-per-client': rate }: ApiOperation) {
  const callable = callers.includes('public')
    ? 'For anyone. A token is optional and may show more.'
    : `For ${callers.join(' and ')}, by their token.`
  return rate ? `${callable} At most ${rate.calls} calls in ${rate.seconds} seconds from one client.` : callable
}

const REFERENCE = /^#\/components\/(\w+)\/(.+)$/
const SHARED = 'securitySchemes'

const nameOf = (service: string, kind: string, name: string) => (kind === SHARED ? name : `${service}.${name}`)

/** Makes a function that copies a part of a document and renames its references to components. */
function renamer(service: string, components: Components) {
  return function renamed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(renamed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => {
        const [, kind = '', name = ''] = (key === '$ref' && REFERENCE.exec(String(below))) || []
        const known = components[kind]?.[name] !== undefined
        return [key, known ? `#/components/${kind}/${nameOf(service, kind, name)}` : renamed(below)]
      })
    )
  }
}

/** Returns the components that operations refer to, directly or indirectly. The other components may describe internal operations. */
function usedComponents(components: Components, operations: unknown): Components {
  const used: Components = components[SHARED] ? { [SHARED]: components[SHARED] } : {}
  const follow = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, below] of Object.entries(value)) {
      const [, kind = '', name = ''] = (key === '$ref' && REFERENCE.exec(String(below))) || []
      const target = components[kind]?.[name]
      if (target !== undefined && used[kind]?.[name] === undefined) {
        used[kind] = { ...used[kind], [name]: target }
        follow(target)
      } else follow(below)
    }
  }
  follow(operations)
  return used
}
