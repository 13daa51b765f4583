def summary_text(r): return str(r)
