/** One thing to be seen working. Steps of a story build on each other: what the first ones make is used by the next. */
export type Step = [name: string, run: () => Promise<void>]

export type Story = { name: string; steps: Step[] }

/** `problem` is of a failed step: what was expected and what came. A step after a failed one of its story is skipped. */
export type StepResult = {
  story: string
  step: string
  result: 'passed' | 'failed' | 'skipped'
  milliseconds: number
  problem?: string
}

type Outcome = Omit<StepResult, 'story' | 'step'>

/** Runs stories one after another, telling each result as it comes. */
export async function runStories(stories: Story[], tell: (result: StepResult) => void): Promise<StepResult[]> {
  const results: StepResult[] = []
  for (const { name: story, steps } of stories) {
    let isBroken = false
    for (const [step, run] of steps) {
      const outcome: Outcome = isBroken ? { result: 'skipped', milliseconds: 0 } : await runStep(run)
      const result = { story, step, ...outcome }
      isBroken ||= result.result === 'failed'
      results.push(result)
      tell(result)
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
