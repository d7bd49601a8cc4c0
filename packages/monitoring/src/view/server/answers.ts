import type { Range } from '../ranges.ts'
import type { ViewAnswer, ViewData } from '../view-data.ts'

/** How long an answer is new enough for the next page that asks (ms). */
const FRESH = 4_000

type Kept = { asked: number; answer: Promise<ViewAnswer>; last?: ViewData }

export type AnswersOptions = {
  /** Asks Prometheus for the data of a range. */
  collect: (range: Range) => Promise<ViewData>
  /** Milliseconds that only grow. */
  clock: () => number
  say: (line: string) => void
}

/**
 * Returns a function that answers with the data of a range. Pages that ask at the same time share one answer, so that ten screens cost as
 * much as one. While Prometheus does not answer, the last data stay, with the problem.
 */
export function viewAnswers({ collect, clock, say }: AnswersOptions) {
  const kept = new Map<string, Kept>()
  let isFailing = false
  async function ask(range: Range, last: ViewData | undefined, keep: (data: ViewData) => void): Promise<ViewAnswer> {
    try {
      const data = await collect(range)
      keep(data)
      isFailing = false
      return { data }
    } catch (error) {
      if (!isFailing) say(`The view gets no data from Prometheus: ${(error as Error).message}`)
      isFailing = true
      return { problem: 'Prometheus does not answer', ...(last && { data: last }) }
    }
  }
  return (range: Range): Promise<ViewAnswer> => {
    const before = kept.get(range.name)
    if (before && clock() - before.asked < FRESH) return before.answer
    const next: Kept = { asked: clock(), answer: Promise.resolve({}) }
    if (before?.last) next.last = before.last
    next.answer = ask(range, before?.last, data => {
      next.last = data
    })
    kept.set(range.name, next)
    return next.answer
  }
}
