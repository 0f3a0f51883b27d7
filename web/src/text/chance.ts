// A name -> numbers that look random and are always the same: emblems and colours of speakers.

export function hash(name: string): number {
  let sum = 0x811c9dc5;
  for (const letter of name) {
    sum ^= letter.codePointAt(0) ?? 0;
    sum = Math.imul(sum, 0x01000193);
  }
  // Names that differ in one letter should differ in every bit.
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
}

// Draws in [0, below), one after the other.
export function draws(name: string): (below: number) => number {
  let state = hash(name) || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

// Colours of speakers in the style sheet.
export const kSpeakerColours = 8;

export function colourOf(name: string): number {
  return hash(name) % kSpeakerColours;
}
