export const behindLazy = 'ü';
