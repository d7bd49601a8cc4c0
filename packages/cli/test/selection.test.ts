import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeSelection, parseServices, selectServices } from '../src/runner/selection.ts'
import { readStack, type Stack } from '../src/services/stack.ts'
import { writeTrivialService } from './fixture.ts'

/** The values that the test writes into a service's contract.json. */
type Contract = { callers?: string[]; publishes?: string; needs?: string; handles?: string }

const SERVICES: Record<string, Contract> = {
  gateway: {},
  shelf: { callers: ['public'], publishes: 'shelf.book.added' },
  reader: { callers: ['public', 'service:bill'], needs: 'shelf' },
  alarm: { callers: ['public'], handles: 'shelf.book.added' },
  bill: { callers: ['customer'], needs: 'reader' },
  people: {}
}

describe('selectServices', () => {
  let stack: Stack

  before(() => {
    const root = mkdtempSync(join(tmpdir(), 'bulkhead-selection-'))
    mkdirSync(join(root, 'packages/chassis'), { recursive: true })
    Object.entries(SERVICES).forEach(([name, { callers = [], publishes, needs, handles }], port) => {
      writeTrivialService(root, name, port, 'none')
      const contract = {
        provides: { callers, events: publishes ? [{ type: publishes }] : [] },
        needs: needs ? { [needs]: [] } : {},
        handles: handles ? [handles] : []
      }
      writeFileSync(join(root, 'services', name, 'contract.json'), JSON.stringify(contract))
    })
    const openapi = { paths: { '/.well-known/jwks.json': {} } }
    writeFileSync(join(root, 'services/people/openapi.json'), JSON.stringify(openapi))
    stack = readStack(root, 4000)
  })
  after(() => rmSync(stack.root, { recursive: true }))

  const described = (...names: string[]) => describeSelection(selectServices(stack, names))

  for (const [names, selected] of [
    [['shelf'], 'gateway (the API layer), shelf (named). Left out: reader, alarm, bill, people'],
    [['reader'], 'gateway (the API layer), shelf (reader calls it), reader (named). Left out: alarm, bill, people'],
    [
      ['alarm'],
      'gateway (the API layer), shelf (alarm handles its events), alarm (named). Left out: reader, bill, people'
    ],
    [
      ['bill', 'alarm'],
      'gateway (the API layer), shelf (alarm handles its events), reader (bill calls it), alarm (named), bill (named), people (signs the tokens of people who call bill). No service is left out'
    ]
  ] as const) {
    it(`starts ${names.join(' and ')} with the services that they need, and gives the reasons`, () =>
      assert.equal(described(...names), selected))
  }

  it('selects every service if none is named', () => {
    const { stack: all, leftOut } = selectServices(stack, undefined)
    assert.deepEqual({ all, leftOut }, { all: stack, leftOut: [] })
  })

  it('reads names that are separated by commas or spaces', () =>
    assert.deepEqual(parseServices(stack, 'alarm, bill  shelf'), ['alarm', 'bill', 'shelf']))

  for (const [text, problem] of [
    ['shelf,raeder', 'there is no service "raeder". Did you mean reader?'],
    ['xyz', 'there is no service "xyz". Name some of gateway, shelf, reader, alarm, bill, people'],
    [' ', 'no service is named. Name some of gateway, shelf, reader, alarm, bill, people']
  ] as const) {
    it(`refuses "${text}"`, () => assert.throws(() => parseServices(stack, text), { message: problem }))
  }
})
