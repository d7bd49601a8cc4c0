import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isCreation } from '@bulkhead/chassis/contract'
import { definitionOf } from './definitions.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const common = read('packages/chassis/README.md')

type Parameter = { name: string; in: string; schema: { $ref?: string } }
type PublicOperation = { operationId: string; 'x-callers': string[]; parameters: Parameter[] }
type OpenApi = { paths: Record<string, Record<string, PublicOperation>> }
type Contract = { provides: { events: { type: string }[] }; handles: string[] }

const isOrderId = ({ in: place, schema }: Parameter) => place === 'path' && schema.$ref === '#/components/schemas/ordId'
const isOrderSecret = ({ in: place, name }: Parameter) => place === 'header' && name === 'order-secret'

describe('the operations of all services', () => {
  it('let guests use the ID of an order only together with its secret', () => {
    const files = globSync('services/*/openapi.json', { cwd: root })
    const operations = files.flatMap(file => {
      const { paths } = JSON.parse(read(file)) as OpenApi
      return Object.values(paths).flatMap(methods => Object.values(methods))
    })
    const ofAnOrder = operations.filter(({ parameters }) => parameters.some(isOrderId))
    const forGuests = ofAnOrder.filter(operation => operation['x-callers'].includes('public'))
    assert.ok(forGuests.length > 0 && ofAnOrder.length > forGuests.length)
    const withoutSecret = forGuests.filter(({ parameters }) => !parameters.some(isOrderSecret))
    assert.deepEqual(
      withoutSecret.map(({ operationId }) => operationId),
      []
    )
  })
})

for (const folder of globSync('services/*', { cwd: root })) {
  describe(`the service ${basename(folder)}`, () => {
    it('lists in its README each variable that it reads', async () => {
      const { environment } = await definitionOf(basename(folder))
      const readme = read(join(folder, 'README.md')) + common
      const variables = Object.keys(environment.shape)
      assert.ok(variables.includes('PORT'))
      assert.deepEqual(
        variables.filter(name => !readme.includes(`\`${name}\``)),
        [],
        `${folder}/README.md does not name them`
      )
    })

    const contractFile = join(folder, 'contract.json')
    if (!existsSync(join(root, contractFile))) return
    it('lists in its README exactly the events that it publishes or handles', () => {
      const { provides, handles } = JSON.parse(read(contractFile)) as Contract
      const published = provides.events.map(({ type }) => type)
      const readme = read(join(folder, 'README.md'))
      const isNamed = (type: string) => readme.includes(`\`${type}\``)
      const isNamedShort = (type: string) => isNamed(`.${type.split('.').at(-1)}`)
      assert.deepEqual(
        [...published.filter(type => !isNamed(type) && !isNamedShort(type)), ...handles.filter(type => !isNamed(type))],
        [],
        `${folder}/README.md does not name them`
      )
      const named = [...readme.matchAll(/`([\w-]+\.[\w-]+\.[\w-]+)`/g)].map(([, type]) => type!)
      assert.deepEqual(
        named.filter(type => !published.includes(type) && !handles.includes(type)),
        [],
        `${folder}/README.md names what its contract has not`
      )
    })

    it('has an operation that reads the Location of each 201', async () => {
      const { operations } = await definitionOf(basename(folder))
      const reads = operations
        .filter(({ method }) => method === 'get')
        .map(({ path }) => path.replaceAll(/\{\w+\}/g, '{}'))
      for (const { path } of operations.filter(isCreation)) {
        assert.ok(reads.includes(`${path.replaceAll(/\{\w+\}/g, '{}')}/{}`), path)
      }
    })

    it('has only examples that its operations accept', async () => {
      const { operations } = await definitionOf(basename(folder))
      const withExample = operations.filter(({ example }) => example !== undefined)
      for (const { id, body, example } of withExample) assert.ok(body?.safeParse(example).success, id)
    })
  })
}
