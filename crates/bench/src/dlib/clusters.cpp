// dlib's Chinese whispers, called as its Python binding does (chinese_whispers_clustering in
// tools/python/src/face_recognition.cpp): every pair, each face with itself too, is linked where
// length(a - b) < threshold, and the edges are handed to dlib::chinese_whispers with 100 iterations.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

#include <dlib/clustering.h>
#include <dlib/matrix.h>

namespace {

using clock_type = std::chrono::steady_clock;

double since(clock_type::time_point begun) {
    return std::chrono::duration<double>(clock_type::now() - begun).count();
}

}  // namespace

// Groups `count` faces of `dimensions` numbers each, one after the other. `labels` has room for
// `count`; `seconds` for two: linking and clustering. False where dlib threw.
extern "C" bool flickr_faces_bench_dlib_clusters(const float* numbers, std::size_t count,
                                                 std::size_t dimensions, float threshold,
                                                 std::uint32_t* labels, double* seconds) {
    try {
        // The binding is given such vectors, so making them is not measured.
        std::vector<dlib::matrix<double, 0, 1>> faces(count);
        for (std::size_t i = 0; i < count; ++i) {
            faces[i].set_size(dimensions);
            for (std::size_t k = 0; k < dimensions; ++k) {
                faces[i](k) = numbers[i * dimensions + k];
            }
        }
        const auto begun = clock_type::now();
        std::vector<dlib::sample_pair> edges;
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = i; j < count; ++j) {
                if (dlib::length(faces[i] - faces[j]) < threshold) {
                    edges.push_back(dlib::sample_pair(i, j));
                }
            }
        }
        seconds[0] = since(begun);
        const auto linked = clock_type::now();
        std::vector<unsigned long> found;
        dlib::chinese_whispers(edges, found, 100);
        seconds[1] = since(linked);
        for (std::size_t i = 0; i < count; ++i) {
            labels[i] = static_cast<std::uint32_t>(found.at(i));
        }
        return true;
    } catch (const std::exception&) {
        return false;
    }
}
