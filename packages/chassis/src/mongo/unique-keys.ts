import { Problem } from '../core/index.ts'

const DUPLICATE_KEY = 11_000

/** Whether the driver's error, of one write or of one in a batch, is that of a duplicate key. */
export const isDuplicateKey = (error: unknown) => (error as { code?: unknown }).code === DUPLICATE_KEY

/** Waits for an insertion. Returns false if another document has its `_id` or its unique key already; rejects for any other error. */
export async function tryInsert(insertion: Promise<unknown>): Promise<boolean> {
  try {
    await insertion
    return true
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}

/** By the first field of a unique index, what another aggregate has already. */
export type UniqueKeys = Record<string, { type: string; title: string; pointer: string }>

/** Turns the driver's error of a duplicate key, of one write or of one in a batch, into a 409; any other error is returned as it is. */
export const takenProblem = (keys: UniqueKeys) => (error: unknown) => {
  const { errmsg = '' } = error as { errmsg?: string }
  const taken = isDuplicateKey(error) && keys[/ index: (\w+?)_1/.exec(errmsg)?.[1] ?? '']
  if (!taken) return error
  const { type, title, pointer } = taken
  return new Problem(409, type, title, { errors: [{ pointer, detail: title }], cause: error })
}

/** Rejects as `takenProblem` says. */
export const refuseTaken = (keys: UniqueKeys) => {
  const problemOf = takenProblem(keys)
  return (error: unknown): never => {
    throw problemOf(error)
  }
}
