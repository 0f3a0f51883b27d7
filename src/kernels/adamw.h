// One parameter's update by AdamW, for training.
#pragma once

#include <span>

namespace dramatis::kernels {

// What one update does to every number of a parameter. The corrections of the moments' beginning at
// nothing are in `rate` and `size_fix`: rate / (1 - first^t) and 1 / sqrt(1 - second^t).
struct AdamWStep {
  float kept = 1;      // 1 - rate * decay
  float rate = 0;      // corrected
  float size_fix = 1;  // of the second moment's root
  float gain = 1;      // what gradients are multiplied with: below 1 where they are shortened
  float first = 0.9F, second = 0.999F;
  float epsilon = 1e-8F;
};

// With g = gain * gradient: first += (1 - step.first) * (g - first),
// second += (1 - step.second) * (g * g - second),
// x = kept * x - rate * first / (size_fix * sqrt(second) + epsilon), in one pass over memory.
// Shapes: all [N]. Checked: equal lengths. Threads: any, with numbers of their own.
// Source: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2.
void adamw_step(const AdamWStep& step, std::span<const float> gradient, std::span<float> first,
                std::span<float> second, std::span<float> x);

}  // namespace dramatis::kernels
