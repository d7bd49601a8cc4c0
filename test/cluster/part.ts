import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import type { ClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import type { Stack } from '../../packages/cli/src/stack.ts'

/** What every part of the cluster's tests stands on: an installation that runs. */
export type Ground = {
  stack: Stack
  cluster: Cluster
  /** Through the Gateway, over TLS. Tokens are good for a quarter of an hour: asked for anew by each part. */
  openShop: () => Promise<ClusterShop>
  say: (line: string) => void
}

/**
 * One part of what is shown on a cluster. Resolves with what was found wrong, a line each, none where all is well. What can't be tried on
 * this cluster it says as `unrun: ...`, which counts as neither; where nothing of it can be, it resolves with the reason alone.
 */
export type Part = { name: string; run: (ground: Ground) => Promise<string[] | Unrun> }

export type Unrun = { unrun: string }

/** A finding where two values differ. */
export const differing = (what: string, expected: unknown, came: unknown): string[] =>
  JSON.stringify(expected) === JSON.stringify(came)
    ? []
    : [`${what}: expected ${JSON.stringify(expected)}, came ${JSON.stringify(came)}`]

/** A finding in the place of an error. */
export const brokenOff =
  (what: string) =>
  (error: unknown): string[] => [`${what} was broken off: ${(error as Error).message}`]
