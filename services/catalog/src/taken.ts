import { Problem } from '@bulkhead/chassis/problem'

const DUPLICATE_KEY = 11_000

/** By the index's field, what another aggregate has already. */
type Keys = Record<string, { type: string; title: string; pointer: string }>

/** Turns the driver's error of a duplicate key, of one write or of one in a batch, into a 409; any other error is returned as it is. */
export const takenProblem = (keys: Keys) => (error: unknown) => {
  const { code, errmsg = '' } = error as { code?: unknown; errmsg?: string }
  const taken = code === DUPLICATE_KEY && keys[/ index: (\w+?)_1/.exec(errmsg)?.[1] ?? '']
  if (!taken) return error
  const { type, title, pointer } = taken
  return new Problem(409, type, title, { errors: [{ pointer, detail: title }], cause: error })
}

/** Rejects as `takenProblem` says. */
export const refuseTaken = (keys: Keys) => {
  const problemOf = takenProblem(keys)
  return (error: unknown): never => {
    throw problemOf(error)
  }
}

/** What no two products share. */
export const productKeys: Keys = {
  handle: { type: 'handle-taken', title: 'Another product has this handle', pointer: '/body/handle' },
  skus: { type: 'sku-taken', title: 'Another product has one of these SKUs', pointer: '/body/variants' }
}

export const familyKeys: Keys = {
  name: { type: 'name-taken', title: 'Another family has this name', pointer: '/body/name' }
}

/** A name is unique below its parent. */
export const categoryKeys: Keys = {
  parent: { type: 'name-taken', title: 'Another category there has this name', pointer: '/body/name' }
}
