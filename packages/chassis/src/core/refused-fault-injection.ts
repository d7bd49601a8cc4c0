import { BadConfiguration } from './config.ts'
import { type FaultPoint, type FaultSettings, noFault } from './fault-points.ts'

/** Replaces `fault-injection.ts` in bundles of images. Throws `BadConfiguration` if the environment requests a fault. */
export function requestedFaults(settings: FaultSettings): FaultPoint {
  const requested = Object.entries(settings).filter(([, value]) => value)
  const reason = 'this build has no fault points. Unset it, or run the service from its sources'
  if (requested.length > 0) throw new BadConfiguration(requested.map(([name]) => `${name}: ${reason}`))
  return noFault
}
