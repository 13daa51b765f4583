"""How far can the metering functions be trusted? Synthesised signals whose truth is known, factor by factor.

conditions   what is varied, and over which levels
signals      waveforms as a recorder delivers them, made here and not by the simulated laboratory
trips        instants and durations: cease, disconnect, the beginning of an event
steady       rms, frequency, P and Q, harmonics
minutes      settling, ramps, mean over ten minutes, on averaged readings
statistics   outcomes → one row of a table
plan         which measurand is tried under which factors, how often, in parallel
bars         what the study must show
document     the rows as docs/metrology_study.md
plots        the rows as drawings
"""
