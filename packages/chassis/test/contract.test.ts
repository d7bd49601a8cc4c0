import assert from 'node:assert/strict'
import * as z from 'zod'
import { contractFiles, contractOf, sharedComponentsFile } from '../src/contract/contract.ts'
import { operation } from '../src/contract/operation.ts'
import { moneySchema } from '../src/core/money.ts'

const readPrice = operation({
  id: 'readPrice',
  method: 'get',
  path: '/prices/{sku}',
  summary: 'Read a price',
  callers: ['service:orders', 'public'],
  params: z.object({ sku: z.string() }),
  answers: { 200: { description: 'The price', body: z.object({ price: moneySchema }) } }
})

const contract = (version: string, operations = [readPrice]) =>
  contractOf({ service: 'prices', version, summary: 'Keeps prices', operations, events: [] })

/** Returns every reference in a document. */
const referencesIn = (document: object) =>
  [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!)

describe('the contract of a service', () => {
  it('has a digest that changes with its operations and not with its version', () => {
    const { digest } = contract('1.0.0')
    assert.equal(contract('1.0.1').digest, digest)
    assert.notEqual(contract('1.0.0', []).digest, digest)
  })

  it('names the callers of all its operations', () => {
    assert.deepEqual(contract('1.0.0').provides.callers, ['public', 'service:orders'])
  })

  it('has files that do not change with the version', () => {
    assert.deepEqual(contractFiles(contract('1.0.0')), contractFiles(contract('1.0.1')))
  })

  it('has an openapi.json that refers to the components that all services share', () => {
    const files = contractFiles(contract('1.0.0'))
    const shared = sharedComponentsFile().components as Record<string, Record<string, object>>
    const references = referencesIn(files['openapi.json'])
    const external = references.filter(reference => !reference.startsWith('#'))
    assert.ok(external.length > 0)
    for (const reference of external) {
      const [file, kind, name] = split(reference)
      assert.equal(file, '../../packages/chassis/openapi.json')
      assert.ok(shared[kind!]?.[name!], reference)
    }
  })

  it('has every component that its references name', () => {
    const { openapi } = contract('1.0.0').provides
    for (const reference of referencesIn(openapi)) {
      const [, kind, name] = split(reference)
      assert.ok(openapi.components[kind!]?.[name!], reference)
    }
  })
})

/** Returns the file, the kind and the name in a reference to a component. */
function split(reference: string) {
  const [file, pointer = ''] = reference.split('#')
  const [, , kind, name] = pointer.split('/')
  return [file, kind, name]
}
