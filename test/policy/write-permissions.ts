import { writeFileSync } from 'node:fs'
import { permissionsDocument } from './permissions-document'

writeFileSync('schema/permissions.md', permissionsDocument())
