# -*- coding: utf-8 -*-
"""How one cat or dog is drawn: draw(cls, seed).

One cue tells the two classes apart, made by hand so that it reaches the head: cats are striped,
dogs are not.  This shows the pipeline, not recognition.  Nothing else is meant to help: pose,
size, background, and each picture's mean and contrast come from the same distribution for both.

A seed gives the same picture on every machine with the pinned Pillow 4.0.0 and numpy 1.12.0: each
picture has its own RandomState, no BLAS is called, and all arithmetic before a rounding is
float64, because the last bit of sin, exp and tanh differs between C libraries and processors.

Lengths inside an animal are in units of its head's radius, x to the right and y down, the head's
middle at (0, 0).
"""
from __future__ import division

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# Like Kaggle's: sides of 300 to 500 pixels, lying more often than standing.
SIZES = ((500, 375), (499, 375), (375, 499), (450, 338), (350, 320),
         (400, 300), (400, 400), (375, 330), (500, 441), (414, 500))

SCALE = 2                       # shapes are drawn twice as large, then reduced

# Chosen by eye on contact sheets; one palette of coats for both classes.
COATS = ((226, 150, 70), (150, 140, 135), (176, 128, 86), (232, 205, 165),
         (120, 92, 74), (205, 196, 186), (190, 110, 60), (140, 120, 100))
WALLS = ((150, 190, 215), (170, 200, 150), (225, 205, 165), (205, 175, 190),
         (185, 180, 205), (165, 195, 190), (215, 215, 205), (200, 165, 140))
COLLARS = ((205, 60, 60), (60, 100, 190), (70, 150, 90), (230, 180, 60), (140, 80, 160))
EYES = ((150, 200, 80), (230, 190, 60), (120, 190, 215), (190, 170, 90))
INK = (45, 35, 32)
WHITE = (250, 250, 248)
POSES = ('portrait', 'profile', 'sit', 'stand')
POSE_SHARES = (.46, .08, .36, .10)


# ---------------------------------------------------------------- geometry

def curve(points, steps=10, closed=True):
    """The Catmull-Rom spline through `points` (n, 2): (m, 2) float64."""
    p = np.asarray(points, 'float64')
    n = len(p)
    t = (np.arange(steps) / steps)[:, None]
    pieces = []
    for i in range(n if closed else n - 1):
        if closed:
            a, b, c, d = p[i - 1], p[i], p[(i + 1) % n], p[(i + 2) % n]
        else:
            a, b, c, d = p[max(i - 1, 0)], p[i], p[i + 1], p[min(i + 2, n - 1)]
        pieces.append(.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t +
                            (3 * b - a - 3 * c + d) * t * t * t))
    if not closed:
        pieces.append(p[-1:])
    return np.concatenate(pieces)


def oval(x, y, rx, ry, steps=40):
    """An ellipse: (steps, 2) float64."""
    a = np.arange(steps) * (2 * np.pi / steps)
    return np.stack([x + rx * np.cos(a), y + ry * np.sin(a)], 1)


def ribbon(points, width, end_width):
    """A tail or a band: the closed outline of a line through `points` (n, 2) of this width."""
    p = curve(points, 8, closed=False)
    d = np.empty_like(p)
    d[1:-1] = p[2:] - p[:-2]
    d[0], d[-1] = p[1] - p[0], p[-1] - p[-2]
    n = np.stack([-d[:, 1], d[:, 0]], 1) / np.sqrt((d * d).sum(1))[:, None]
    w = np.linspace(width, end_width, len(p))[:, None] / 2
    tip = oval(p[-1, 0], p[-1, 1], end_width / 2, end_width / 2, 16)
    turn = np.argmin(((tip - (p[-1] + n[-1] * w[-1])) ** 2).sum(1))
    forward = np.roll(tip, -turn, 0)
    if ((forward[4] - p[-1]) * d[-1]).sum() < 0:
        forward = np.roll(tip[::-1], -(15 - turn), 0)
    return np.concatenate([p + n * w, forward[:9], (p - n * w)[::-1]])


def mirrored(points):
    """The whole of a symmetric outline, from its right half, top to bottom."""
    p = np.asarray(points, 'float64')
    left = (p * [-1, 1])[::-1]
    return np.concatenate([p, left[left[:, 0] != 0]])


class Surface(object):
    """A picture at SCALE times its size, drawn on in shifted, turned and mirrored coordinates.

    Affine maps are written out: BLAS may round differently from one processor to the next.
    """

    def __init__(self, image, line):
        self.image = image
        self.line_width = line
        self.frames = [(1., 0., 0., 0., 1., 0.)]

    def push(self, x=0., y=0., size=1., angle=0., mirror=False):
        """Moves the origin to (x, y), scales by `size` and turns by `angle` radians."""
        c, s = np.cos(angle) * size, np.sin(angle) * size
        f = -1. if mirror else 1.
        a, b, u, d, e, v = self.frames[-1]
        self.frames.append((f * (a * c + b * s), b * c - a * s, a * x + b * y + u,
                            f * (d * c + e * s), e * c - d * s, d * x + e * y + v))

    def pixels(self, points):
        """Points (n, 2) of the current coordinates in pixels of the surface."""
        a, b, u, d, e, v = self.frames[-1]
        p = np.asarray(points, 'float64')
        return np.stack([a * p[:, 0] + b * p[:, 1] + u, d * p[:, 0] + e * p[:, 1] + v], 1)

    def unit(self):
        """How many pixels of the surface one current unit is."""
        a, b, _, d, e, _ = self.frames[-1]
        return np.sqrt(abs(a * e - b * d))

    def fill(self, points, paint, outline=True):
        """A filled shape; paint: an (r, g, b), or a picture as large as the surface."""
        q = self.pixels(points)
        if isinstance(paint, tuple):
            ImageDraw.Draw(self.image).polygon([tuple(p) for p in q], fill=paint)
        else:
            self._fill_with(paint, q)
        if outline:
            self.line(np.concatenate([points, points[:1]]), self.line_width / self.unit())

    def _fill_with(self, texture, q):
        x0, y0 = np.maximum(np.floor(q.min(0)).astype(int), 0)
        x1, y1 = np.minimum(np.ceil(q.max(0)).astype(int) + 1, self.image.size)
        if x1 <= x0 or y1 <= y0:
            return
        box = (int(x0), int(y0), int(x1), int(y1))
        mask = Image.new('L', (box[2] - box[0], box[3] - box[1]), 0)
        ImageDraw.Draw(mask).polygon([tuple(p) for p in q - [x0, y0]], fill=255)
        self.image.paste(texture.crop(box), box, mask)

    def line(self, points, width, colour=INK):
        """An open line of this width, in the current units."""
        q = self.pixels(points)
        r = width * self.unit() / 2
        pen = ImageDraw.Draw(self.image)
        pen.line([tuple(p) for p in q], fill=colour, width=max(1, int(2 * r + .5)))
        if r >= 1.5:            # round joints; Pillow's are open
            for x, y in q:
                pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)


# ---------------------------------------------------------------- textures

def noise(rs, height, width, cell):
    """Smooth noise in [-1, 1], float64 (height, width), blobs of `cell` pixels."""
    gh, gw = int(height / cell) + 3, int(width / cell) + 3
    grid = Image.fromarray(rs.randint(0, 256, (gh, gw)).astype('uint8'))
    grid = grid.resize((int(gw * cell) + 1, int(gh * cell) + 1), Image.BICUBIC)
    return np.asarray(grid, 'float64')[:height, :width] / 127.5 - 1


def squares(rs, u, period):
    """+1 / -1 alternating along u; a random phase keeps sin off its zeros."""
    return np.sign(np.sin(u * (2 * np.pi / period) + rs.uniform(0, 2 * np.pi)))


def background(rs, w, h):
    """A wall and a floor, out of focus: an RGB image (w * SCALE, h * SCALE)."""
    y, x = np.mgrid[0:h, 0:w].astype('float64')
    wall = WALLS[rs.randint(len(WALLS))]
    floor = np.array(WALLS[rs.randint(len(WALLS))]) * rs.uniform(.7, .95)
    kind = rs.randint(5)
    if kind == 0:
        top = 18 * noise(rs, h, w, 60)
    elif kind == 1:             # wallpaper
        top = 14 * squares(rs, x, rs.uniform(30, 60))
    elif kind == 2:             # clouds
        top = 25 * (noise(rs, h, w, 40) > .25)
    elif kind == 3:             # tiles
        top = 10 * squares(rs, x, 40.) * squares(rs, y, 40.)
    else:                       # lights
        top = np.zeros((h, w))
        for _ in range(rs.randint(5, 12)):
            cx, cy, r = rs.uniform(0, w), rs.uniform(0, h), rs.uniform(10, 45)
            top[(x - cx) ** 2 + (y - cy) ** 2 < r * r] += rs.uniform(-25, 25)
    kind = rs.randint(3)
    if kind == 0:               # carpet or grass
        bottom = 22 * noise(rs, h, w, 4)
    elif kind == 1:             # boards
        bottom = 14 * squares(rs, y + 8 * noise(rs, h, w, 80), 28.)
    else:
        bottom = 12 * noise(rs, h, w, 30)
    below = (y > h * rs.uniform(.5, .8))[..., None]
    both = np.where(below, bottom[..., None] + floor, top[..., None] + np.array(wall))
    image = to_image(both).filter(ImageFilter.GaussianBlur(rs.uniform(3.5, 6.) * min(w, h) / 375))
    return enlarged(image)


def coat(rs, w, h, base, pattern, amount, period=0., angle=0., second=None):
    """Fur over the whole surface: an RGB image (w * SCALE, h * SCALE).

    pattern: stripes, swirl, broken (cats); plain, patches (dogs); amount: its contrast as a share
    of the base colour; period: of the stripes, in pixels of the finished picture; second: for
    patches, the other colour, by default the base, darker.
    """
    base = np.array(base, 'float64')
    fur = noise(rs, h, w, 2.2) * rs.uniform(5, 8)
    soft = pattern in ('plain', 'patches')      # nothing sharp in it: small is enough
    p = (soft_pattern if soft else stripe_pattern)(rs, w, h, pattern, period, angle)
    if second is not None:
        share = (p[..., None] + 1) / 2
        both = base * share + np.array(second, 'float64') * (1 - share) + fur[..., None]
        return enlarged(to_image(both))
    level = amount * 150. * (p - p.mean())
    if soft:
        level = enlarged(to_image(level + fur + 128))
    else:
        fur = np.asarray(enlarged(to_image(fur + 128)), 'float64')
        level = to_image(level + fur)
    # each channel is a straight line in the level: a table of 256 does it
    steps = (np.arange(256) - 128.) / base.mean()
    tables = [to_bytes(v + v * steps).tolist() for v in base]
    return Image.merge('RGB', [level.point(t) for t in tables])


def soft_pattern(rs, w, h, pattern, *unused):
    """Large smooth blobs, faint (plain) or two-coloured (patches); float64 (h, w)."""
    p = noise(rs, h, w, min(w, h) * .2)
    return .35 * p if pattern == 'plain' else np.tanh(9 * (p - np.median(p)))


def stripe_pattern(rs, w, h, pattern, period, angle):
    """Bands across `angle` that bend, and vary in width; float64, SCALE times as large."""
    height, width, period = h * SCALE, w * SCALE, period * SCALE
    along = np.arange(width)[None] * np.cos(angle) + np.arange(height)[:, None] * np.sin(angle)
    if pattern == 'swirl':      # contour lines of a hilly field
        phase = along * (2.2 * np.pi / period) + 16 * noise(rs, height, width, period * 5.5)
    else:
        phase = along * (2 * np.pi / period) + 2.2 * noise(rs, height, width, period * 2.2)
        phase += .8 * noise(rs, height, width, period * .9)
    p = np.tanh(3 * (np.sin(phase) + rs.uniform(-.25, .25)))
    if pattern == 'broken':
        gap = noise(rs, height, width, period * 1.3) > .45
        p[gap & (p < 0)] *= -.3
    return p


def enlarged(image):
    """The image SCALE times as large."""
    return image.resize((image.size[0] * SCALE, image.size[1] * SCALE), Image.BILINEAR)


def to_bytes(a):
    return (a + .5).clip(0, 255).astype('uint8')


def to_image(a):
    """An L or RGB image of float64 (h, w) or (h, w, 3), rounded to the nearest."""
    return Image.fromarray(to_bytes(a))


def shade(colour, factor):
    """The colour times factor, darker where it is below 1."""
    return tuple(int(min(255, v * factor)) for v in colour)


def paler(colour, share):
    """The colour moved this share of the way to white."""
    return tuple(int(v + (255 - v) * share) for v in colour)


# ---------------------------------------------------------------- animals

def look_of(rs, cls, w, h, angle):
    """A dict of everything about one animal that does not depend on its pose."""
    base = np.array(COATS[rs.randint(len(COATS))], 'float64')
    base = base * rs.uniform(135, 182) / base.mean()    # darker coats lose their pattern
    base = tuple(int(v) for v in base.clip(30, 245))
    period = min(w, h) * rs.uniform(.032, .044)
    look = dict(base=base, light=paler(base, .55), dark=shade(base, .55),
                bib=rs.rand() < .4, collar=None, eyes=EYES[rs.randint(len(EYES))],
                whiskers=WHITE if rs.rand() < .6 else INK, fat=rs.uniform(.92, 1.1),
                blink=rs.rand() < .1, tongue=rs.rand() < .5)
    if rs.rand() < .4:
        look['collar'] = COLLARS[rs.randint(len(COLLARS))]
    ears = rs.randint(4)
    patch = rs.rand()
    lengths = rs.uniform(.85, 1.2, 3)
    look.update(length=lengths[0], muzzle=lengths[1], ear_size=lengths[2])
    if cls == 0:
        pattern = ('stripes', 'stripes', 'swirl', 'broken')[rs.randint(4)]
        look['fur'] = coat(rs, w, h, base, pattern, .42, period, angle)
        look['ear_fur'] = coat(rs, w, h, shade(base, .85), 'stripes', .3, period, angle) \
            if ears == 0 else look['fur']
        look['blaze'] = patch < .3
        look['big_pupils'] = ears == 1
    else:
        look['ears'] = ('floppy', 'pricked', 'folded', 'long')[ears]
        dark = shade(base, rs.uniform(.55, .8))
        kind = rs.randint(3)
        if kind == 0:
            look['fur'] = coat(rs, w, h, base, 'plain', .26)
        elif kind == 1:
            look['fur'] = coat(rs, w, h, base, 'patches', .2)
        else:                   # white with patches of the base colour
            look['fur'] = coat(rs, w, h, paler(base, .6), 'patches', .2, second=base)
        look['ear_fur'] = coat(rs, w, h, dark if rs.rand() < .75 else base, 'plain', .16)
        look['eye_patch'] = patch < .45
        look['brows'] = patch > .6
        look['beard'] = .5 < patch < .62
    return look


def eye(s, look, x, y, r, cat):
    """One eye of radius r at (x, y), open or closed."""
    if look['blink']:
        s.line(curve([[x - r, y + .05], [x, y - .09], [x + r, y + .05]], 6, False), .07)
    elif cat:
        s.fill(oval(x, y, r, r * 1.02), look['eyes'])
        slit = .15 if look['big_pupils'] else .065
        s.fill(oval(x, y, slit * r / .23, r * .87), (15, 15, 15), False)
        s.fill(oval(x + r * .26, y - r * .32, r * .2, r * .22, 16), WHITE, False)
    else:
        s.fill(oval(x, y, r, r * 1.12), WHITE)
        s.fill(oval(x, y + r * .15, r * .7, r * .78), (60, 38, 25), False)
        s.fill(oval(x + r * .22, y - r * .2, r * .22, r * .25, 16), WHITE, False)


def cat_face(s, look):
    """A cat's head from the front; its radius is about 1."""
    e, fat = look['ear_size'], look['fat']
    for side in (-1, 1):
        ear = np.array([[side * .88, -.2], [side * .78 * e, -1.28 * e], [side * .16, -.76]])
        middle = (ear + ear[[1, 2, 0]]) / 2 + [[side * .05, 0], [-side * .02, -.05], [0, 0]]
        s.fill(curve([ear[0], middle[0], ear[1], middle[1], ear[2]], 7), look['ear_fur'])
        s.fill(ear * .74 + [side * .13, -.13], (225, 150, 150), False)
    s.fill(curve(mirrored([[0, -.84], [.6, -.72], [.98 * fat, -.1], [.92 * fat, .38], [.5, .74],
                           [0, .82]])), look['fur'])
    if look['blaze']:
        s.fill(curve(mirrored([[0, -.62], [.09, -.2], [.2, .25], [0, .5]])), look['light'], False)
    else:
        for dx in (-.22, 0, .22):
            s.line(np.array([[dx, -.78], [dx * .8, -.47]]), .09, look['dark'])
    for side in (-1, 1):
        for k in (0, 1):
            s.line(np.array([[side * .93 * fat, .05 + k * .2], [side * .64, .08 + k * .16]]), .08,
                   look['dark'])
        s.fill(oval(side * .2, .36, .26, .2), look['light'], False)
    s.fill(oval(0, .52, .16, .12), look['light'], False)
    for side in (-1, 1):
        eye(s, look, side * .42, -.08, .23, True)
    s.fill(curve([[-.12, .2], [.12, .2], [0, .33]], 6), (220, 120, 125))
    for side in (-1, 1):
        s.line(curve([[0, .33], [side * .06, .46], [side * .2, .48], [side * .28, .4]], 6, False),
               .04)
        for k, a in enumerate((-.22, 0, .22)):
            y = .36 + .05 * k
            s.line(curve([[side * .3, y], [side * .8, y + a * .5], [side * 1.32, y + a * 1.2]],
                         6, False), .022, look['whiskers'])


def cat_profile(s, look):
    """A cat's head from its right, looking to the left."""
    e = look['ear_size']
    s.fill(curve([[-.42, -.55], [-.36, -1.16 * e], [.0, -.72]], 5), look['ear_fur'])
    s.fill(curve([[-.1, -.8], [.45, -.74], [.86, -.2], [.78, .4], [.35, .78], [-.25, .74],
                  [-.72, .55], [-.94, .36], [-.98, .12], [-.8, -.06], [-.74, -.36], [-.48, -.68]]),
           look['fur'])
    ear = np.array([[-.02, -.66], [.16, -1.02 * e], [.36, -1.26 * e], [.52, -.9], [.62, -.42]])
    s.fill(curve(ear, 6), look['ear_fur'])
    s.fill(ear[[0, 2, 4]] * .7 + [.1, -.2], (225, 150, 150), False)
    s.fill(oval(-.7, .36, .26, .2), look['light'], False)
    eye(s, look, -.42, -.1, .2, True)
    s.fill(oval(-.95, .12, .09, .08, 16), (220, 120, 125))
    s.line(curve([[-.93, .22], [-.8, .42], [-.56, .4]], 6, False), .045)
    for a in (-.2, .05, .3):
        s.line(curve([[-.7, .34], [-1.0, .4 + a * .5], [-1.5, .42 + a]], 6, False), .022,
               look['whiskers'])
    for k in (0, 1):
        s.line(np.array([[.5, .0 + k * .22], [.12, .06 + k * .2]]), .08, look['dark'])


def dog_ear(look, side):
    """The outline of one ear from the front; pricked ones go behind the head."""
    n, e = look['length'], look['ear_size']
    if look['ears'] == 'floppy':
        p = [[.42, -.84], [.82, -.8], [1.14, -.2], [1.16, .3 * n], [.98, .62 * n], [.78, .4 * n],
             [.72, -.1], [.56, -.5]]
    elif look['ears'] == 'long':
        p = [[.5, -.62], [.86, -.55], [1.16, .1], [1.24, .75 * n], [1.06, 1.2 * n],
             [.82, 1.12 * n], [.76, .5], [.7, -.1]]
    elif look['ears'] == 'folded':
        p = [[.3, -.74], [.62, -1.12 * e], [.98, -1.02 * e], [1.12, -.55], [1.02, -.36],
             [.86, -.52], [.7, -.42]]
    else:
        p = [[.2, -.7], [.5, -1.08 * e], [.74, -1.26 * e], [.88, -.9], [.84, -.3]]
    return curve(np.array(p) * [side, 1], 8)


def dog_face(s, look):
    """A dog's head from the front; its radius is about 1."""
    wide, jaw = look['fat'], look['muzzle']
    if look['ears'] == 'pricked':
        for side in (-1, 1):
            ear = dog_ear(look, side)
            s.fill(ear, look['ear_fur'])
            s.fill(ear * .7 + [side * .17, -.2], (215, 155, 150), False)
    s.fill(curve(mirrored([[0, -.86], [.5, -.8], [.82 * wide, -.35], [.8 * wide, .2], [.62, .62],
                           [.3, .93], [0, .96]])), look['fur'])
    if look['eye_patch']:
        s.fill(curve([[.12, -.38], [.3, -.66], [.6, -.58], [.72, -.2], [.52, .06], [.24, -.02]],
                     7), look['ear_fur'], False)
    if look['ears'] != 'pricked':
        for side in (-1, 1):
            s.fill(dog_ear(look, side), look['ear_fur'])
    if look['tongue']:
        s.fill(curve([[-.15, .72], [.15, .72], [.18, 1.05], [.1, 1.26], [-.06, 1.27],
                      [-.16, 1.08]]), (232, 105, 120))
        s.line(np.array([[0, .78], [.01, 1.1]]), .03, (190, 70, 90))
    if look['beard']:
        s.fill(curve([[-.5, .5], [.5, .5], [.46, .9], [.26, 1.02], [.14, 1.2], [0, 1.06],
                      [-.14, 1.2], [-.28, 1.02], [-.46, .9]], 7), look['light'])
    s.fill(curve(mirrored([[0, -.04], [.28 * jaw, .1], [.5 * jaw, .42], [.46 * jaw, .74],
                           [.2, .9], [0, .91]])), look['light'])
    for side in (-1, 1):
        s.line(curve([[0, .42], [0, .62], [side * .14, .74], [side * .34 * jaw, .66]], 6, False),
               .05)
        for k in range(3):
            s.fill(oval(side * (.22 + .08 * (k % 2)), .5 + .07 * k, .022, .022, 10), INK, False)
    s.fill(curve([[-.24, .14], [0, .06], [.24, .14], [.16, .36], [0, .44], [-.16, .36]], 7),
           (30, 25, 25))
    s.fill(oval(-.06, .17, .08, .035, 16), (170, 165, 165), False)
    for side in (-1, 1):
        eye(s, look, side * .37, -.25, .16, False)
        if look['brows']:
            s.fill(oval(side * .38, -.56, .14, .08, 20), look['light'], False)
        else:
            s.line(curve([[side * .24, -.52], [side * .4, -.58], [side * .54, -.5]], 6, False),
                   .05, look['dark'])


def dog_profile(s, look):
    """A dog's head from its right, looking to the left."""
    n, e = look['length'], look['ear_size']
    nose = -1.05 - .35 * look['muzzle']
    if look['ears'] == 'pricked':
        s.fill(curve([[-.3, -.6], [-.16, -1.3 * e], [.14, -.7]], 6), look['ear_fur'])
    if look['tongue']:
        s.fill(curve([[-1.1, .4], [-.8, .42], [-.82, .85], [-.98, 1.02], [-1.12, .84]], 7),
               (232, 105, 120))
    s.fill(curve([[-.1, -.82], [.45, -.75], [.82, -.2], [.76, .4], [.35, .76], [-.2, .7],
                  [-.8, .66], [nose + .15, .58], [nose, .34], [nose + .02, .06], [-1.0, -.06],
                  [-.68, -.16], [-.55, -.58]]), look['fur'])
    s.fill(curve([[-.6, -.02], [-.55, .3], [-.7, .6], [nose + .17, .55], [nose + .04, .34],
                  [nose + .05, .1], [-1.0, -.02]], 7), look['light'], False)
    s.fill(oval(nose, .08, .17, .14), (30, 25, 25))
    s.line(curve([[nose + .1, .38], [-.8, .44], [-.48, .3]], 6, False), .05)
    eye(s, look, -.42, -.28, .14, False)
    if look['ears'] == 'pricked':
        ear = curve([[.0, -.7], [.14, -1.06 * e], [.38, -1.28 * e], [.56, -.95], [.6, -.45]], 7)
    elif look['ears'] == 'folded':
        ear = curve([[.02, -.72], [.1, -1.12 * e], [.34, -1.06 * e], [.44, -.66], [.22, -.4],
                     [.08, -.5]], 7)
    else:
        drop = (1.05 if look['ears'] == 'long' else .62) * n
        ear = curve([[-.02, -.66], [.4, -.74], [.74, -.2], [.78, drop * .6], [.54, drop],
                     [.26, drop * .7], [.14, -.1]], 8)
    s.fill(ear, look['ear_fur'])


def collar(s, look, x=0., y=0.):
    """The collar, if the animal has one, for a head at (x, y)."""
    if look['collar'] is None:
        return
    band = ribbon(np.array([[-.62, .66], [-.34, .98], [0, 1.08], [.34, .98], [.62, .66]]) + [x, y],
                  .2, .2)
    s.fill(band, look['collar'])
    s.fill(oval(x, y + 1.24, .13, .13, 20), (235, 205, 90))


def bust(s, look):
    """Neck and chest, down past the lower edge of any picture."""
    s.fill(curve([[-.6, .4], [-.95, 1.3], [-1.3, 2.8], [-1.4, 6.], [1.4, 6.], [1.3, 2.8],
                  [.95, 1.3], [.6, .4]]), look['fur'])
    if look['bib']:
        s.fill(curve(mirrored([[0, .6], [.36, 1.0], [.4, 1.5], [.2, 2.0], [0, 2.2]])),
               look['light'], False)
    collar(s, look)


def sitting(s, look, cat):
    """The body of an animal that sits, from the front."""
    if cat:
        tail = [[.8, 2.6], [1.55, 2.66], [1.86, 2.1], [1.62, 1.5], [1.78, 1.05]]
        s.fill(ribbon(tail, .44, .3), look['fur'])
    else:
        s.fill(ribbon([[.8, 2.4], [1.35, 2.2], [1.7, 1.6], [1.66, 1.2]], .42, .2), look['fur'])
    s.fill(curve(mirrored([[0, .4], [.65, .7], [1., 1.6], [1.1, 2.4], [.7, 2.85], [0, 2.9]])),
           look['fur'])
    for side in (-1, 1):
        s.fill(oval(side * .85, 2.62, .42, .3), look['fur'])
    for side in (-1, 1):
        leg = np.array([[.1, 1.5], [.5, 1.5], [.5, 2.6], [.56, 2.95], [.08, 2.95], [.1, 2.6]])
        s.fill(curve(leg * [side, 1]), look['fur'])
        s.fill(oval(side * .32, 2.88, .3, .17), look['light'])
    if look['bib']:
        s.fill(curve(mirrored([[0, .7], [.35, .9], [.28, 1.5], [0, 1.7]])), look['light'], False)
    collar(s, look)


def standing(s, look, cat):
    """The body of an animal that stands, from its right, looking to the left."""
    if cat:
        s.fill(ribbon([[1.6, -.1], [2.15, -.4], [2.3, -1.], [2.05, -1.5], [2.2, -1.9]], .38, .26),
               look['fur'])
    else:
        s.fill(ribbon([[1.6, -.1], [2.0, -.45], [2.3, -1.05]], .4, .18), look['fur'])
    for x in (-1.25, 1.35):
        leg = np.array([[-.2, .3], [.25, .3], [.18, 1.75], [-.28, 1.75]])
        s.fill(curve(leg + [x, 0]), look['dark'])
    s.fill(curve([[-1.7, -.4], [-.6, -.62], [.8, -.6], [1.8, -.35], [2., .3], [1.5, .85], [0, .8],
                  [-1.5, .85], [-1.9, .2]]), look['fur'])
    for x in (-.95, 1.65):
        leg = np.array([[-.28, .2], [.3, .2], [.2, 1.6], [.24, 1.95], [-.36, 1.95], [-.24, 1.6]])
        s.fill(curve(leg + [x, 0]), look['fur'])
        s.fill(oval(x - .08, 1.87, .32, .16), look['light'])


def draw(cls, seed):
    """One drawing: an RGB image of one of SIZES, the same for the same arguments.

    cls: 0 for a cat, 1 for a dog (the article's labels); seed: an integer in [0, 2**32).
    """
    if cls not in (0, 1):
        raise ValueError('cls is 0 (cat) or 1 (dog), got %r' % (cls,))
    rs = np.random.RandomState(seed)
    w, h = SIZES[rs.randint(len(SIZES))]
    pose = POSES[rs.choice(len(POSES), p=POSE_SHARES)]
    s = Surface(background(rs, w, h), 2.0 * SCALE * min(w, h) / 400)
    # bands go round the body: level where it is upright, upright where it is level
    angle = rs.uniform(-.35, .35) + (0 if pose == 'stand' else np.pi / 2)
    look = look_of(rs, cls, w, h, angle)
    face = (cat_face, dog_face)[cls]
    profile = (cat_profile, dog_profile)[cls]
    tilt, mirror = rs.uniform(-.2, .2), rs.rand() < .5
    width, height = w * SCALE, h * SCALE
    if pose in ('portrait', 'profile'):
        u = min(width, height) * rs.uniform(.31, .34) * (.9 if pose == 'profile' else 1.)
        x = width / 2 + rs.uniform(-1, 1) * max(0, width / 2 - 1.6 * u)
        if pose == 'profile':   # room for the nose
            x = min(x, width - 1.7 * u) if mirror else max(x, 1.7 * u)
        y = rs.uniform(1.45 * u, max(1.5 * u, height - 1.6 * u))
        s.push(x, y, u, 0, mirror)
        bust(s, look)
        s.push(0, 0, 1., tilt)
        (face if pose == 'portrait' else profile)(s, look)
    elif pose == 'sit':
        u = min(height / 4.45, width / 3.9) * rs.uniform(.95, 1.)
        x = width / 2 + rs.uniform(-1, 1) * max(0, width / 2 - 2.05 * u)
        y = height * rs.uniform(.99, 1.) - 2.98 * u
        s.push(x, y, u, 0, mirror)
        sitting(s, look, cls == 0)
        s.push(0, 0, 1., tilt)
        face(s, look)
    else:
        u = min(height / 4.3, width / 5.6) * rs.uniform(.95, 1.)
        x = width / 2 + (-.35 if mirror else .35) * u
        y = height * rs.uniform(.9, .97) - 2.05 * u
        s.push(x, y, u, 0, mirror)
        standing(s, look, cls == 0)
        s.push(-1.65, -.75, .92, tilt * .6)
        (face if rs.rand() < .4 else profile)(s, look)
    a = np.asarray(s.image.resize((w, h), Image.LANCZOS), 'float64')
    # One exposure for both classes: mean and contrast say nothing about the animal.
    a = (a - a.mean()) / a.std() * rs.uniform(54, 62) + rs.uniform(112, 140)
    return to_image(a + rs.normal(0, 1.5, (h, w, 1)))
