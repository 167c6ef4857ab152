package main

import (
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// chart shows how costs grow with a size.
type chart struct {
	name, title string
	axis, unit  string // of the size, of the costs
	lines       []line
}

type line struct {
	name   string
	points []point
}

type point struct {
	size int
	cost float64
}

// floor is the points of the floor, if it is drawn.
func (c *chart) floor() []point {
	for _, l := range c.lines {
		if l.name == floorName {
			return l.points
		}
	}
	return nil
}

func (l *line) add(size int, cost float64) { l.points = append(l.points, point{size, cost}) }

// The drawing, in pixels.
const (
	width, height      = 640, 360
	left, right        = 70, 190 // the right margin holds the names of the lines
	top, bottom        = 50, 50
	plotWide, plotHigh = width - left - right, height - top - bottom
	background, ink    = "#ffffff", "#24292f"
	faint              = "#d0d7de"
	textStyle          = `font-family="sans-serif" font-size="12"`
)

// colours differ in brightness too, for those who see no colours.
var colours = [...]string{"#0550ae", "#bc4c00", "#1a7f37", "#8250df"}

// draw writes the charts as SVG files into a folder.
func (t *table) draw(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for i := range t.charts {
		file := filepath.Join(folder, t.charts[i].name+".svg")
		if err := os.WriteFile(file, []byte(t.charts[i].svg()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// svg draws both axes by powers of ten: a cost that does not depend on the size is a level line, one that grows with it
// rises as the frame's diagonal would.
func (c *chart) svg() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label=%q>`+"\n", width, height, width, height, html.EscapeString(c.title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="%s"/>`+"\n", width, height, background)
	write(&b, left, 28, "start", ink, c.title+", "+c.unit)
	s := c.scale()
	for _, tick := range s.ticks() {
		y := s.y(tick)
		fmt.Fprintf(&b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s"/>`+"\n", left, y, left+plotWide, y, faint)
		write(&b, left-8, y+4, "end", ink, short(tick))
	}
	for _, p := range c.lines[0].points {
		write(&b, s.x(p.size), height-bottom+20, "middle", ink, count(p.size))
	}
	write(&b, left+plotWide/2, height-10, "middle", ink, c.axis)
	for i, l := range c.lines {
		l.draw(&b, s, colours[i%len(colours)])
	}
	b.WriteString(c.names(s))
	return b.String() + "</svg>\n"
}

func (l *line) draw(b *strings.Builder, s scale, colour string) {
	var path []string
	for _, p := range l.points {
		path = append(path, fmt.Sprintf("%.1f,%.1f", s.x(p.size), s.y(p.cost)))
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"><title>%s: %s</title></circle>`+"\n",
			s.x(p.size), s.y(p.cost), colour, html.EscapeString(l.name), short(p.cost))
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(path, " "), colour)
}

// names puts the names beside the ends of the lines, apart from each other.
func (c *chart) names(s scale) string {
	var b strings.Builder
	taken := map[int]bool{}
	for i, l := range c.lines {
		last := l.points[len(l.points)-1]
		row := int(s.y(last.cost)) / 16
		for taken[row] {
			row--
		}
		taken[row] = true
		write(&b, left+plotWide+10, float64(row*16+12), "start", colours[i%len(colours)], l.name+" ("+short(last.cost)+")")
	}
	return b.String()
}

func write[X, Y int | float64](b *strings.Builder, x X, y Y, anchor, colour, text string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s" %s>%s</text>`+"\n", float64(x), float64(y), anchor, colour, textStyle, html.EscapeString(text))
}

// scale puts sizes and costs into the drawing.
type scale struct {
	sizes        map[int]float64 // from 0 to 1
	bottom, high float64         // powers of ten
}

func (c *chart) scale() scale {
	s := scale{sizes: map[int]float64{}, bottom: math.Inf(1), high: math.Inf(-1)}
	points := c.lines[0].points
	for i, p := range points {
		s.sizes[p.size] = float64(i) / float64(max(len(points)-1, 1))
	}
	for _, l := range c.lines {
		for _, p := range l.points {
			s.bottom, s.high = min(s.bottom, math.Floor(math.Log10(p.cost))), max(s.high, math.Ceil(math.Log10(p.cost)))
		}
	}
	s.high = max(s.high, s.bottom+1)
	return s
}

func (s scale) x(size int) float64 { return left + plotWide*s.sizes[size] }

func (s scale) y(cost float64) float64 {
	return top + plotHigh*(1-(math.Log10(cost)-s.bottom)/(s.high-s.bottom))
}

// ticks are powers of ten and, where there are few, twice and five times them.
func (s scale) ticks() (ticks []float64) {
	for power := s.bottom; power <= s.high; power++ {
		for _, n := range []float64{1, 2, 5} {
			if (n == 1 || s.high-s.bottom < 3) && (power < s.high || n == 1) {
				ticks = append(ticks, n*math.Pow(10, power))
			}
		}
	}
	return ticks
}

// count writes a number with its thousands apart.
func count(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
