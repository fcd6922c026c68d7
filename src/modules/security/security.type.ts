import { Type } from '../../api/type'

@Type('Security', 'How a person signs in, and what guards the account. Self, or `security:read`.')
export class SecurityType {}
