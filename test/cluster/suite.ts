import type { Stack } from '../../packages/cli/src/services/stack.ts'
import type { Part } from './part.ts'
import { atRest } from './parts/at-rest.ts'
import { autoscaling } from './parts/autoscaling.ts'
import { brokenReleases } from './parts/broken-releases.ts'
import { charts } from './parts/charts.ts'
import { deletedPods } from './parts/deleted-pods.ts'
import { firstReady } from './parts/first-ready.ts'
import { helmTests } from './parts/helm-tests.ts'
import { policies } from './parts/policies.ts'
import { serviceTokens } from './parts/service-tokens.ts'
import { skaffoldParts } from './parts/skaffold.ts'
import { smoke } from './parts/smoke.ts'
import { storeCredentials } from './parts/store-credentials.ts'
import { twoInstallations } from './parts/two-installations.ts'
import { upgradeParts } from './parts/upgrades.ts'

/** Parts that only read an installation without load. */
const installedParts: Part[] = [firstReady, charts, atRest, helmTests, smoke, storeCredentials, serviceTokens, policies]

/** Parts that disturb an installation. */
const disruptiveParts: Part[] = [brokenReleases, deletedPods, autoscaling, twoInstallations]

/** Returns all parts in order. Disruptive parts run after upgrades, because a machine with two cores needs a minute to recover. */
export const allParts = (stack: Stack): Part[] => [
  ...installedParts,
  ...upgradeParts(stack),
  ...disruptiveParts,
  ...skaffoldParts
]
