/** The drills that are not run, each with the reason. */
export const NOT_RUN: { name: string; reason: string }[] = [
  { name: 'a pod is evicted', reason: 'it needs a cluster' },
  {
    name: 'a MongoDB is full or read-only',
    reason: 'the embedded MongoDB has neither a limit nor a read-only mode'
  }
]
