"""Drawings: frozen plain values and translated texts in, one Vega-Lite specification out, SVG from that.

``look`` reads colours, type and sizes from the stylesheet; ``words`` fits texts into room; ``rows``, ``axis`` and ``sheet``
lay out what all charts share; each chart has a file of its own; ``svg`` renders.
"""

