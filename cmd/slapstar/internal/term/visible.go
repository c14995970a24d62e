package term

import "unicode"

// visible reports whether a character can be seen, and told from others.
func visible(r rune) bool {
	if r < 0x7f {
		return r >= ' '
	}
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Me, blank, overlay, lookAlike)
}

// blank are characters that are drawn as nothing, besides those which Unicode says
// may be ignored.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x2800, 0x2800, 1}, // a Braille pattern without dots
		{0xfffc, 0xfffc, 1}, // in place of an object
	},
	R32: []unicode.Range32{
		{0x16fe4, 0x16fe4, 1}, // a filler of Khitan
		{0x1d159, 0x1d159, 1}, // a note without a head
	},
}

// overlay are marks that strike a letter through.
var overlay = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x0334, 0x0338, 1},
		{0x20d2, 0x20d3, 1},
		{0x20d8, 0x20da, 1},
		{0x20e5, 0x20e6, 1},
		{0x20ea, 0x20eb, 1},
	},
}

// lookAlike are letters, Latin ones by their script or of none, that no text needs
// and that look like others: Unicode UTS 39 keeps them out of names.
var lookAlike = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x0250, 0x0252, 1}, // of phonetics, without those that languages write with
		{0x0255, 0x0255, 1},
		{0x0258, 0x0258, 1},
		{0x025a, 0x025a, 1},
		{0x025c, 0x025f, 1},
		{0x0261, 0x0262, 1},
		{0x0264, 0x0267, 1},
		{0x026a, 0x0271, 1},
		{0x0273, 0x0274, 1},
		{0x0276, 0x0282, 1},
		{0x0284, 0x0287, 1},
		{0x028c, 0x0291, 1},
		{0x0293, 0x02af, 1},
		{0x1d00, 0x1dbf, 1},
		{0x2102, 0x2102, 1}, // in place of words and units
		{0x2107, 0x2107, 1},
		{0x210a, 0x2113, 1},
		{0x2115, 0x2115, 1},
		{0x2119, 0x211d, 1},
		{0x2124, 0x2124, 1},
		{0x2128, 0x2128, 1},
		{0x212a, 0x212d, 1},
		{0x212f, 0x2134, 1},
		{0x2139, 0x2139, 1},
		{0x213c, 0x213f, 1},
		{0x2145, 0x2149, 1},
		{0x2160, 0x2188, 1}, // numbers of Rome
		{0xff21, 0xff3a, 1}, // wide
		{0xff41, 0xff5a, 1},
	},
	R32: []unicode.Range32{
		{0x1d400, 0x1d7ff, 1}, // of mathematics
	},
}

// oddInName reports whether a character that is fine in prose is none of a name: what
// looks like a hyphen, a dot, a colon or a slash, and is another one.
func oddInName(r rune) bool {
	if r < 0x80 || r == '·' || r == '・' {
		return false
	}
	return r >= 0x02b0 && r <= 0x02ff || unicode.In(r, unicode.P, unicode.Sm, unicode.Sk)
}
