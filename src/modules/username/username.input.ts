import { ExpectedVersion, Input, Text } from '../../api/input'
import { USERNAME } from '../user/user.input'

@Input('ChangeUsernameInput', 'The username to have from now on.')
export class ChangeUsernameInput {
  @Text(USERNAME)
  username!: string

  @ExpectedVersion()
  expectedVersion?: number
}
