import { invalidInput } from '@bulkhead/chassis/core'
import type { ClientNetwork } from '@bulkhead/chassis/http'
import { hashPassword } from './hash.ts'
import type { PasswordQueue } from './queue.ts'

type Credentials = { email: string; password: string }

/**
 * Hashes a new password in its turn. Returns a PHC string. Throws a 400 for a common password or the address; the schema has already
 * checked its length.
 */
export async function hashNewPassword({ email, password }: Credentials, client: ClientNetwork, queue: PasswordQueue) {
  if (isGuessable(password, email)) {
    const detail = 'It is too easy to guess: choose another'
    throw invalidInput([{ pointer: '/body/password', detail }])
  }
  return queue(client, () => hashPassword(password))
}

/**
 * The most common passwords with at least 8 characters, in lower case, from the lists of leaked passwords that are published each year. The
 * list is short because the wait after failures limits an attacker to a few hundred guesses.
 */
const COMMON = new Set(
  `12345678 123456789 1234567890 0123456789 0987654321 987654321 9876543210 87654321 11111111 111111111 1111111111 00000000 000000000
   12121212 11223344 112233445566 123123123 123321123 123412341234 12341234 12344321 147258369 147852369 159357456 88888888 66666666
   77777777 55555555 99999999 22222222 33333333 44444444 1234567891 12345678910 123456789a a123456789 1q2w3e4r 1q2w3e4r5t 1qaz2wsx
   1qaz2wsx3edc q1w2e3r4 q1w2e3r4t5 qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerty1! 1qwertyuiop
   asdfghjk asdfghjkl asdfasdf zxcvbnm1 zxcvbnm123 zaq12wsx qazwsxedc qazwsx123 abcd1234 abcdefgh abcdefg1 abc12345 abc123456 abc123abc
   aa123456 aa12345678 a1234567 a12345678 aaaaaaaa password password1 password! password12 password123 password1234 password12345
   password123! password1! passw0rd passw0rd! p@ssw0rd p@ssw0rd1 p@ssword p@ssword1 p@55w0rd pa$$w0rd pa$$word pass1234 pass12345
   passwort passwort1 motdepasse contraseña wachtwoord senha123 iloveyou iloveyou1 iloveyou2 iloveyou! ihateyou loveyou1 loveme123
   sunshine sunshine1 princess princess1 princess123 football football1 baseball baseball1 basketball superman superman1 batman123
   starwars starwars1 pokemon1 pokemon123 dragon123 monkey123 shadow123 master123 michael1 michelle jennifer jordan23 charlie1
   trustno1 whatever whatever1 welcome1 welcome12 welcome123 welcome1! welcome! letmein1 letmein123 letmein! login123 hello123 hello1234
   admin123 admin1234 admin12345 administrator changeme changeme1 changeme123 default1 guest123 test1234 test12345 testtest testing1
   temp1234 root1234 user1234 secret123 computer computer1 internet internet1 samsung1 samsung123 liverpool liverpool1 chelsea1 arsenal1
   corvette mercedes ferrari1 porsche1 midnight november december september freedom1 butterfly chocolate blink182 spiderman elephant
   mustang1 maverick marlboro metallica nirvana1 rockstar1 jessica1 victoria anthony1 alexander christian danielle nicholas benjamin
   hannah123 thomas123 daniel123 andrew123 ashley123 buster123 ginger123 summer2024 summer2025 winter2024 winter2025 spring2025 autumn2025`.split(
    /\s+/
  )
)

/** Returns true if an attacker tries this password first: a common password, the mail address, or the part before the @. */
function isGuessable(password: string, email: string): boolean {
  const plain = password.normalize('NFKC').toLowerCase()
  return COMMON.has(plain) || plain === email || plain === email.split('@')[0]
}
