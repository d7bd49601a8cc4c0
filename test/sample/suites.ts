import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stack } from '../../packages/cli/src/services/stack.ts'
import { upgradeName } from '../cluster/parts/upgrades.ts'
import { allParts } from '../cluster/suite.ts'
import { allFaults } from '../faults/all-faults.ts'
import type { Budget, Piece } from './sample.ts'

/** A suite of which CI runs a sample. `always` has the values of ONLY that run with every sample. */
export type Suite = { always: string[]; pieces: Piece[]; budget: Budget }

export const suiteNames = ['fuzz', 'faults', 'test-cluster'] as const
export type SuiteName = (typeof suiteNames)[number]

/** Seconds to fuzz a service as all callers, directly and through the gateway, and additional seconds for each of its operations. */
const [SERVICE, OPERATION] = [30, 1.5]
/** Seconds of a fault, by the first word of its section. They include the wait until all orders are finished. */
const FAULTS: Record<string, number> = { kills: 11, stops: 50, outages: 14, webhooks: 12, clocks: 12 }
const UPGRADE = 90

/** The suites. Each function returns the suite for the services of a stack. */
export const suites: Record<SuiteName, (stack: Stack) => Suite> = {
  fuzz: ({ root, services }) => ({
    always: [],
    pieces: services.map(({ name }) => fuzzed(root, name)).filter(({ seconds }) => seconds > 0),
    budget: { any: 120, changed: 150 }
  }),
  faults: ({ services }) => ({
    always: [],
    pieces: allFaults.map(({ name, section }) => ({
      only: name,
      services: services.map(service => service.name).filter(service => name.split(/[ ,]+/).includes(service)),
      seconds: FAULTS[section.split(' ')[0]!]!
    })),
    budget: { any: 200, changed: 200 }
  }),
  'test-cluster': stack => {
    const pieces = stack.services.map(({ name }) => ({ only: upgradeName(name), services: [name], seconds: UPGRADE }))
    const names = allParts(stack).map(({ name }) => name)
    return {
      always: names.filter(name => !pieces.some(piece => piece.only === name)),
      pieces,
      budget: { any: 2 * UPGRADE, changed: 3 * UPGRADE }
    }
  }
}

/** Returns the piece that fuzzes a service directly and through the gateway. `only` has the names of fuzz/apis.py. */
function fuzzed(root: string, service: string): Piece {
  const { paths } = JSON.parse(readFileSync(join(root, 'services', service, 'openapi.json'), 'utf8'))
  const operations = Object.values<object>(paths).flatMap(methods => Object.keys(methods))
  return {
    only: `${service} as |${service} through the gateway as `,
    services: [service],
    seconds: operations.length === 0 ? 0 : SERVICE + OPERATION * operations.length
  }
}
