export { serviceTokens } from './service-tokens.ts'
export { tokenVerifier } from './tokens.ts'
