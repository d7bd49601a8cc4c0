import type { Result } from './storm.ts'

/** A line for each named point that was tried: whether it was reached, and by what. */
export function coverage(results: Result[]): string[] {
  return results.flatMap(({ fault, unreached = [] }) =>
    (fault.points ?? []).map(
      point =>
        `${unreached.includes(point) ? '✘ not reached' : '✔ reached    '}  ${fault.section.split(' ')[0]}  ${point}`
    )
  )
}

export const unreachedOf = (results: Result[]): string[] => results.flatMap(({ unreached = [] }) => unreached)
