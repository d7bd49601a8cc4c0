import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import type { ClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import type { Stack } from '../../packages/cli/src/services/stack.ts'

/** The running installation that the parts test. */
export type Installation = {
  stack: Stack
  cluster: Cluster
  /** Opens a shop through the Gateway, over TLS. Its tokens are valid for 15 minutes, so each part opens a new one. */
  openShop: () => Promise<ClusterShop>
  say: (line: string) => void
}

/**
 * A part of `make test-cluster`. Resolves with its findings, one line each; none if everything is right. A line `unrun: ...` names
 * something that this cluster can't test, and is not a finding. If the part can test nothing, it resolves with the reason alone.
 */
export type Part = { name: string; run: (installation: Installation) => Promise<string[] | Unrun> }

export type Unrun = { unrun: string }

/** Returns a finding if two values differ, else none. */
export const differenceOf = (what: string, expected: unknown, actual: unknown): string[] =>
  JSON.stringify(expected) === JSON.stringify(actual)
    ? []
    : [`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`]

/** Turns an error into a finding. */
export const failureOf =
  (what: string) =>
  (error: unknown): string[] => [`${what} failed: ${(error as Error).message}`]
