// Creates the service's user, who may read and write only the service's database. If the user exists, sets the password and the role. mongosh runs
// the script in the store's pod: MongoDB starts it when the data is new, `bulkhead deploy` and `bulkhead secrets` for data of an earlier release.
//
// Environment variables: MONGODB_URL, the address that the service uses, and the administrator's MONGO_INITDB_ROOT_USERNAME and _PASSWORD.
const { MONGODB_URL = '', MONGO_INITDB_ROOT_USERNAME: root, MONGO_INITDB_ROOT_PASSWORD: password } = process.env
const url = MONGODB_URL && new URL(MONGODB_URL)
const user = url && decodeURIComponent(url.username)
const database = url && decodeURIComponent(url.pathname.slice(1))
const home = url && (url.searchParams.get('authSource') || database)

if (!user || !database) {
  print('The service gets no user: the url in the Secret has no user or no database')
} else if (user === root && home === 'admin') {
  print('The service gets no user: the url in the Secret has the administrator. Run `bulkhead secrets`')
} else {
  const credentials = `${encodeURIComponent(root)}:${encodeURIComponent(password)}`
  const users = connect(`mongodb://${credentials}@127.0.0.1:27017/admin`).getSiblingDB(home)
  const rights = { pwd: decodeURIComponent(url.password), roles: [{ role: 'readWrite', db: database }] }
  if (users.getUser(user)) users.updateUser(user, rights)
  else users.createUser(Object.assign({ user }, rights))
  print(`${user} may read and write ${database}`)
}
