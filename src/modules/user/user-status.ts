/** Whether an account may be used. */
export enum UserStatus {
  ACTIVE = 'active',
  SUSPENDED = 'suspended',
}
