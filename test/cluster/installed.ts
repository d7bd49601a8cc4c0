import { atRest } from './at-rest.ts'
import { autoscaling } from './autoscaling.ts'
import { brokenReleases } from './broken-releases.ts'
import { charts } from './charts.ts'
import { deletedPods } from './deleted-pods.ts'
import { helmTests } from './helm-tests.ts'
import type { Part } from './part.ts'
import { policies } from './policies.ts'
import { serviceTokens } from './service-tokens.ts'
import { smoke } from './smoke.ts'
import { storeCredentials } from './store-credentials.ts'
import { twoInstallations } from './two-installations.ts'

/** What holds of an installation at rest. */
export const installedParts: Part[] = [charts, atRest, helmTests, smoke, storeCredentials, serviceTokens, policies]

/** What may befall it. */
export const befallingParts: Part[] = [brokenReleases, deletedPods, autoscaling, twoInstallations]
