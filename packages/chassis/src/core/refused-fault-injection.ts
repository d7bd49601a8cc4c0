import { BadConfiguration } from './config.ts'
import { type FaultPoint, type FaultSettings, noFault } from './fault-points.ts'

/** In place of `fault-injection.ts` in bundles of images: no fault. Throws `BadConfiguration` where the environment asks for one. */
export function requestedFaults(settings: FaultSettings): FaultPoint {
  const asked = Object.entries(settings).filter(([, value]) => value)
  const why = 'this build has no fault points. Unset it, or run the service from its sources'
  if (asked.length > 0) throw new BadConfiguration(asked.map(([name]) => `${name}: ${why}`))
  return noFault
}
