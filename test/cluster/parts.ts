import type { Stack } from '../../packages/cli/src/stack.ts'
import { atRest } from './at-rest.ts'
import { autoscaling } from './autoscaling.ts'
import { brokenReleases } from './broken-releases.ts'
import { charts } from './charts.ts'
import { deletedPods } from './deleted-pods.ts'
import { firstReady } from './first-ready.ts'
import { helmTests } from './helm-tests.ts'
import type { Part } from './part.ts'
import { policies } from './policies.ts'
import { serviceTokens } from './service-tokens.ts'
import { skaffoldParts } from './skaffold.ts'
import { smoke } from './smoke.ts'
import { storeCredentials } from './store-credentials.ts'
import { twoInstallations } from './two-installations.ts'
import { upgradeParts } from './upgrades.ts'

/** What holds of an installation at rest. */
const installedParts: Part[] = [firstReady, charts, atRest, helmTests, smoke, storeCredentials, serviceTokens, policies]

/** What may befall it. */
const befallingParts: Part[] = [brokenReleases, deletedPods, autoscaling, twoInstallations]

/** In their order: upgrades come while nothing else was done yet that a machine of two cores needs a minute to get over. */
export const allParts = (stack: Stack): Part[] => [
  ...installedParts,
  ...upgradeParts(stack),
  ...befallingParts,
  ...skaffoldParts
]
