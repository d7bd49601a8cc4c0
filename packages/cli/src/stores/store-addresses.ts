import { join } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import type { Stack } from '../services/stack.ts'

/** The file with the address of each service's store in the current run, by service. Addresses have passwords. */
const addressesFile = (stack: Stack) => join(stack.folder, 'keys/stores.json')

/** Stores the address of each service's store, so that other commands can ask the stores. Only the user can read the file. */
export function writeStoreAddresses(stack: Stack, urls: Record<string, string>) {
  replaceFile(addressesFile(stack), JSON.stringify(urls, undefined, 2), 0o600)
}

/** Reads the address of each service's store; none if no run has stored them. */
export const readStoreAddresses = (stack: Stack): Record<string, string> =>
  JSON.parse(readOptionalFile(addressesFile(stack)) ?? '{}')
