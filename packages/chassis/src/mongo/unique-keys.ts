import { Problem } from '../core/index.ts'

const DUPLICATE_KEY = 11_000

/** Returns whether the driver's error, of a single write or of one in a batch, says that a key is taken. */
export const isDuplicateKey = (error: unknown): boolean => (error as { code?: unknown }).code === DUPLICATE_KEY

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

/** The problems of taken keys, by the first field of their unique index. `pointer` is the place of the key in the request's body. */
export type UniqueKeys = Record<string, { type: string; title: string; pointer: string }>

/** Returns a function that converts the driver's error of a taken key to a 409, and returns any other error unchanged. */
export const takenProblem =
  (keys: UniqueKeys) =>
  (error: unknown): unknown => {
    const { errmsg = '' } = error as { errmsg?: string }
    const taken = isDuplicateKey(error) && keys[/ index: (\w+?)_1/.exec(errmsg)?.[1] ?? '']
    if (!taken) return error
    const { type, title, pointer } = taken
    return new Problem(409, type, title, { errors: [{ pointer, detail: title }], cause: error })
  }

/** Returns a function that throws the driver's error, converted by `takenProblem`. Use it with `catch`. */
export const refuseTaken = (keys: UniqueKeys) => {
  const problemOf = takenProblem(keys)
  return (error: unknown): never => {
    throw problemOf(error)
  }
}
