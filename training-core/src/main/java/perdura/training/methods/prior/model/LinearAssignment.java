package perdura.training.methods.prior.model;

import java.util.Arrays;

/**
 * The bipartite matching of least cost (prior.md 2.8), by shortest augmenting paths in O(n^3) (Crouse 2016). Of several
 * optima it takes that of {@code scipy.optimize.linear_sum_assignment}: columns are visited from the last one, and of equally
 * near ones a free one wins. One object serves any number of matchings of its size; not thread-safe.
 */
final class LinearAssignment {
    private final int n;
    private final double[] rowPotential;
    private final double[] columnPotential;
    private final double[] distance;
    private final long[] rowOfColumn;
    private final int[] columnOfRow;
    private final int[] cameFromRow;
    private final int[] open;
    private final boolean[] rowSeen;
    private final boolean[] columnSeen;

    /** @param n rows and columns, at least 1 */
    LinearAssignment(int n) {
        this.n = n;
        this.rowPotential = new double[n];
        this.columnPotential = new double[n];
        this.distance = new double[n];
        this.rowOfColumn = new long[n];
        this.columnOfRow = new int[n];
        this.cameFromRow = new int[n];
        this.open = new int[n];
        this.rowSeen = new boolean[n];
        this.columnSeen = new boolean[n];
    }

    /**
     * Matches rows to columns.
     *
     * @param costs row-major matrices [n, n], one after the other
     * @param matrix which of them, from 0
     * @return the row of each column, in an array that the next call writes to again. Where a cost isn't finite, nothing can be
     *     optimal, and each row has its own column
     */
    long[] solve(double[] costs, int matrix) {
        int offset = matrix * n * n;
        if (!isFinite(costs, offset)) {
            Arrays.setAll(rowOfColumn, column -> column);
            return rowOfColumn;
        }
        Arrays.fill(rowPotential, 0);
        Arrays.fill(columnPotential, 0);
        Arrays.fill(rowOfColumn, -1);
        Arrays.fill(columnOfRow, -1);
        for (int row = 0; row < n; row++) {
            augment(row, findPath(costs, offset, row));
        }
        return rowOfColumn;
    }

    private boolean isFinite(double[] costs, int offset) {
        for (int i = offset; i < offset + n * n; i++) {
            if (!Double.isFinite(costs[i])) {
                return false;
            }
        }
        return true;
    }

    /** Searches the cheapest way from a free row to a free column, moves the potentials and returns that column. */
    private int findPath(double[] costs, int offset, int start) {
        for (int i = 0; i < n; i++) {
            open[i] = n - 1 - i;
        }
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        Arrays.fill(rowSeen, false);
        Arrays.fill(columnSeen, false);
        int left = n;
        int row = start;
        double reached = 0;
        while (true) {
            rowSeen[row] = true;
            int nearest = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < left; i++) {
                int column = open[i];
                double way = reached + costs[offset + row * n + column] - rowPotential[row] - columnPotential[column];
                if (way < distance[column]) {
                    distance[column] = way;
                    cameFromRow[column] = row;
                }
                if (distance[column] < least || (distance[column] == least && rowOfColumn[column] < 0)) {
                    least = distance[column];
                    nearest = i;
                }
            }
            reached = least;
            int column = open[nearest];
            columnSeen[column] = true;
            open[nearest] = open[--left];
            if (rowOfColumn[column] < 0) {
                movePotentials(start, reached);
                return column;
            }
            row = Math.toIntExact(rowOfColumn[column]);
        }
    }

    private void movePotentials(int start, double reached) {
        for (int row = 0; row < n; row++) {
            if (rowSeen[row]) {
                rowPotential[row] += row == start ? reached : reached - distance[columnOfRow[row]];
            }
        }
        for (int column = 0; column < n; column++) {
            if (columnSeen[column]) {
                columnPotential[column] -= reached - distance[column];
            }
        }
    }

    /** Turns the pairs along the way round, from the free column back to the free row. */
    private void augment(int start, int end) {
        int column = end;
        while (true) {
            int row = cameFromRow[column];
            int next = columnOfRow[row];
            rowOfColumn[column] = row;
            columnOfRow[row] = column;
            if (row == start) {
                return;
            }
            column = next;
        }
    }
}
