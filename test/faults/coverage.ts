import type { Result } from './storm.ts'

/** Returns a line for each named point: whether it was reached, and by which kind of fault. */
export function coverage(results: Result[]): string[] {
  return results.flatMap(({ fault, unreached = [] }) =>
    (fault.points ?? []).map(
      point =>
        `${unreached.includes(point) ? '✘ not reached' : '✔ reached    '}  ${fault.section.split(' ')[0]}  ${point}`
    )
  )
}

export const unreachedOf = (results: Result[]): string[] => results.flatMap(({ unreached = [] }) => unreached)
