import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import type { AuthenticationMethod } from '../session/authentication-method'
import { FactorService } from './factor.service'

/** The ways in which somebody can give a second proof. */
export const secondFactorsByUser = defineLoader<Id, AuthenticationMethod[], AuthenticationMethod[]>(
  async (db, userIds) => new FactorService(db).methodsOfUsers(userIds),
  [],
)
