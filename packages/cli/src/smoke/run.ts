import type { Step } from '@bulkhead/testing/story'

export type NamedSteps = { story: string; steps: Step[] }

/** `problem` has the expected and the actual value of a failed step. After a failed step, the other steps of its story are skipped. */
export type StepResult = {
  story: string
  step: string
  result: 'passed' | 'failed' | 'skipped'
  milliseconds: number
  problem?: string
}

type Outcome = Omit<StepResult, 'story' | 'step'>

/** Runs stories one after another. Calls `report` with each result. */
export async function runStories(stories: NamedSteps[], report: (result: StepResult) => void): Promise<StepResult[]> {
  const results: StepResult[] = []
  for (const { story, steps } of stories) {
    let isBroken = false
    for (const [step, run] of steps) {
      const outcome: Outcome = isBroken ? { result: 'skipped', milliseconds: 0 } : await runStep(run)
      const result = { story, step, ...outcome }
      isBroken ||= result.result === 'failed'
      results.push(result)
      report(result)
    }
  }
  return results
}

async function runStep(run: Step[1]): Promise<Outcome> {
  const start = performance.now()
  const milliseconds = () => Math.round(performance.now() - start)
  try {
    await run()
    return { result: 'passed', milliseconds: milliseconds() }
  } catch (error) {
    return { result: 'failed', milliseconds: milliseconds(), problem: (error as Error).message }
  }
}
