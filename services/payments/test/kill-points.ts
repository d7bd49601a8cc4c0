import type { Dependencies } from '../src/payments/settlement.ts'

/**
 * Stops a replica at the nth point before or after a write of its store or a call of its provider, like `kill -9`. `dying` wraps the
 * replica's dependencies. `died` resolves with the name of the point at which the replica stopped. `passed` lists the points that it
 * reached.
 */
export function diesAt(nth: number) {
  const passed: string[] = []
  const { promise: died, resolve } = Promise.withResolvers<string>()
  const never = new Promise<never>(() => undefined)

  async function point(name: string) {
    passed.push(name)
    if (passed.length < nth) return
    resolve(name)
    await never
  }

  const around =
    (name: string, act: (...input: unknown[]) => unknown) =>
    async (...input: unknown[]) => {
      await point(`before ${name}`)
      const result = await act(...input)
      await point(`after ${name}`)
      return result
    }

  /** Returns `target` with points around some of its functions. */
  const withPoints = <T extends object>(target: T, what: string, names: (keyof T & string)[]): T => {
    const functions = new Map(Object.entries(target) as [string, (...input: unknown[]) => unknown][])
    return {
      ...target,
      ...Object.fromEntries(names.map(name => [name, around(`${what} ${name}`, functions.get(name)!)]))
    }
  }

  const dying = (dependencies: Dependencies): Dependencies => ({
    ...dependencies,
    payments: withPoints(dependencies.payments, 'record', ['insertOnce', 'change']),
    journal: withPoints(dependencies.journal, 'journal', ['record']),
    provider: withPoints(dependencies.provider, 'provider', ['authorise', 'capture', 'void', 'refund', 'get'])
  })
  return { dying, died, passed }
}
