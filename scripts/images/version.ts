import { join } from 'node:path'
import { imageVersion } from '../../packages/cli/src/bundling/image-version.ts'

// Prints the version of a service's image: version.ts SERVICE
console.log(await imageVersion(join(import.meta.dirname, '../..'), process.argv[2]!))
