import 'reflect-metadata'
import { readConfig } from '../../src/config/config'
import { sealTrail } from '../../src/modules/audit/seal-trail'
import { keyringOf } from '../../src/server/portico'

/** A process of its own that seals once. */
const config = readConfig()
void sealTrail({ url: config.databaseUrl!, keyring: keyringOf(config), now: new Date() })
